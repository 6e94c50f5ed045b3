import { runAsProcess } from "../shared/own-process.ts";
import { startPretendDiscord } from "./pretend-discord.ts";

await runAsProcess(startPretendDiscord);
