import { chatAdapterContract } from "../contracts/chat-adapter-contract.ts";
import { openSlack } from "./slack-subject.ts";

chatAdapterContract("the Slack adapter", openSlack);
