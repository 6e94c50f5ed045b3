import type { JsonObject } from "../shared/json.ts";
import {
  distinctIds,
  distinctOptions,
  entitySelect,
  selectOption,
  stringSelect,
  textDisplay,
} from "./message-rules.ts";
import type { Problem } from "./refusals.ts";
import type { Rule } from "./rules.ts";
import {
  absent,
  all,
  anything,
  byType,
  integer,
  length,
  list,
  maybe,
  oneOf,
  problem,
  shape,
  text,
  inTurn,
  truth,
} from "./rules.ts";

const noDisabled = { disabled: absent("Modals cannot have disabled components.") };

const inputFields = {
  ...noDisabled,
  custom_id: text(1, 100),
  style: oneOf([1, 2]),
  min_length: maybe(integer(0, 4_000)),
  max_length: maybe(integer(1, 4_000)),
  required: maybe(truth),
  value: maybe(text(0, 4_000)),
  placeholder: maybe(text(0, 100)),
};
const prefillFits: Rule = (value, path) => {
  const { value: prefill, max_length: max = 4_000, min_length: min = 0 } = value as JsonObject;
  if (Number(min) > Number(max))
    return problem([...path, "min_length"], "BASE_TYPE_BAD_RANGE", "min_length is above max_length");
  return typeof prefill === "string" && length(prefill) > Number(max)
    ? problem([...path, "value"], "BASE_TYPE_MAX_LENGTH", `Must be ${String(max)} or fewer in length.`)
    : [];
};
const textInput = inTurn(
  shape({ ...inputFields, label: absent("The label belongs to the Label component.") }),
  prefillFits,
);
const rowInput = inTurn(shape({ ...inputFields, label: text(1, 45) }), prefillFits);

/** "min_values must be either omitted or at least 1 if required is omitted or true." */
const requiredMeansOne: Rule = (value, path) => {
  const { required = true, min_values: min } = value as JsonObject;
  return required === true && min === 0
    ? problem(
        [...path, "min_values"],
        "NUMBER_TYPE_MIN",
        "min_values must be at least 1 when the component is required.",
      )
    : [];
};
const select = all(shape({ ...noDisabled, required: maybe(truth) }), inTurn(stringSelect, requiredMeansOne));
const otherSelect = all(
  shape({ ...noDisabled, required: maybe(truth) }),
  inTurn(entitySelect, requiredMeansOne),
);

const chosenBeforehand: Rule = (value, path) => {
  const {
    options,
    max_values: max,
    type,
  } = value as { options: readonly JsonObject[]; max_values?: number; type: number };
  const most = type === 21 ? 1 : (max ?? options.length);
  return options.filter((option) => option["default"] === true).length > most
    ? problem([...path, "options"], "BASE_TYPE_BAD_LENGTH", `No more than ${most} may be chosen beforehand.`)
    : [];
};
const group = { ...noDisabled, custom_id: text(1, 100), required: maybe(truth) };
const radio = inTurn(
  shape({ ...group, options: list(2, 10, selectOption) }),
  all(distinctOptions, chosenBeforehand),
);
const checkboxes = inTurn(
  shape({
    ...group,
    options: list(1, 10, selectOption),
    min_values: maybe(integer(0, 10)),
    max_values: maybe(integer(1, 10)),
  }),
  all(distinctOptions, chosenBeforehand, requiredMeansOne),
);

const label = shape({
  label: text(1, 45),
  description: maybe(text(0, 100)),
  component: byType({
    3: select,
    4: textInput,
    5: otherSelect,
    6: otherSelect,
    7: otherSelect,
    8: otherSelect,
    19: shape({ custom_id: text(1, 100) }),
    21: radio,
    22: checkboxes,
    23: shape({ ...noDisabled, custom_id: text(1, 100), default: maybe(truth) }),
  }),
});
const row = shape({ components: list(1, 1, byType({ 4: rowInput })) });
const modal = shape({
  custom_id: text(1, 100),
  title: text(1, 45),
  components: inTurn(list(1, 5, byType({ 1: row, 10: textDisplay, 18: label })), distinctIds),
  flags: anything,
});

/** What Discord refuses about a modal. */
export function modalProblems(data: unknown): readonly Problem[] {
  return modal(data, ["data"]);
}
