import { show, text } from "../bot/answers.ts";
import type { Call } from "../bot/command.ts";
import { can } from "../bot/policy.ts";
import type { Answer, Block } from "../chat.ts";
import { waitingCard } from "./query-card.ts";
import { listLateAnswers, markLateAnswersRead } from "./retro-store.ts";

// What came into force after a question, for whoever asked: said in the queue, shown with the question. Both as the
// entries are now: one that is over or hidden by now is as if it had never come, whatever became of it.

/** The caller opened what came after their question: said where it is shown, and no longer in their queue. */
export async function openedLate(
  { tx }: Call,
  { query, came, answer }: { readonly query: string; readonly came: boolean; readonly answer: Answer },
): Promise<Answer> {
  await markLateAnswersRead(tx, query);
  if (!came || answer.kind !== "card") return answer;
  const { card } = answer;
  return show({
    ...card,
    blocks: [text("It came after you asked: it was not there then."), ...card.blocks],
  });
}

/** A line for each question that has an answer now, until it was opened. */
export async function lateAnswersQueue({ tx, officer, tools, event }: Call): Promise<readonly Block[]> {
  if (!can(officer, "watch.ask")) return [];
  const refs = await listLateAnswers(tx);
  const hidden = tools.privateLevel[event.platform] === "none";
  return refs.map((ref) =>
    text(
      hidden ? waitingCard({ ref }).headline : `There is an answer for ${ref}. Run /allpoints show ${ref}.`,
    ),
  );
}
