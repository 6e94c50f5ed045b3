import { chatAdapterContract } from "../contracts/chat-adapter-contract.ts";
import { openDiscord } from "./discord-subject.ts";

chatAdapterContract("The Discord adapter", async () => openDiscord());
