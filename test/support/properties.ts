import fc from "fast-check";

// The same cases in every run: a change is judged by what it changes, not by what was drawn that day.
// PROPERTY_SEED=random explores; a counterexample found so is written down as a test of its own.
const seed = process.env["PROPERTY_SEED"];
if (seed !== "random") fc.configureGlobal({ seed: Number(seed ?? 20_261_122) });
