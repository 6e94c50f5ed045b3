import { expect, it } from "vitest";

import { deliverJob } from "../../jobs/deliver.job.ts";

/** A job as the release before this one may have left it in the queue. */
const earlier = { installationId: "01931f6e-7d2b-7cc3-98c4-dc0c0c07398f" };

it("a wake job of an earlier release is still understood", () => {
  expect(deliverJob.payload.parse(earlier)).toEqual(earlier);
});

it("carries ids and nothing else", () => {
  expect(Object.keys(deliverJob.payload.shape)).toEqual(["installationId"]);
  expect(deliverJob.payload.safeParse({ ...earlier, text: "armed subject" }).success).toBe(false);
  expect(deliverJob.payload.safeParse({ installationId: "armed subject" }).success).toBe(false);
});
