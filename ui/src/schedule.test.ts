import { expect, it } from "vitest";
import { scheduleWords } from "./schedule";

it.each([
  ["30 5 * * *", "At 05:30"],
  ["@daily", "At 00:00"],
  ["@hourly or orders and rates", "Every hour, or orders and rates"],
  ["0 6 * * 1-5", "At 06:00, Monday through Friday"],
])("%s is told in words", (line, told) => {
  expect(scheduleWords(line)).toBe(told);
});

it.each(["every 6h", "3 crons", "orders and (rates or s3://lake/x)", "99 99 * * *", ""])("%s stays as it is", (line) => {
  expect(scheduleWords(line)).toBe(line);
});
