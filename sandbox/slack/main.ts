import { runAsProcess } from "../shared/own-process.ts";
import { startPretendSlack } from "./pretend-slack.ts";

await runAsProcess(startPretendSlack);
