import { randomBytes } from "node:crypto";

/**
 * A new row id (RFC 9562, version 7): ordered by creation to the millisecond, so that indexes grow at one end.
 * It follows the real clock even where tests have moved the business clock: never read time from an id.
 */
export function uuidv7(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
