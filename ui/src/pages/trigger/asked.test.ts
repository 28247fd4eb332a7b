import { describe, expect, it } from "vitest";
import { fieldsOf } from "../../actions/params/fields";
import { yaml } from "../../actions/yaml";
import { Problem } from "../../api/problem";
import { aboutFaults, aboutProblem, bodyOf, isBesideFields, manifestOf, triggerCommand } from "./asked";

const NOTHING = { name: "", logicalDate: "", note: "" };

describe("the trigger form", () => {
  it("sends only what is given", () => {
    expect(bodyOf(NOTHING, {})).toEqual({ params: {} });
    expect(bodyOf({ name: "mine", logicalDate: "2026-01-31 06:00", note: "again" }, { count: 2 })).toEqual({
      params: { count: 2 },
      name: "mine",
      logicalDate: "2026-01-31T06:00:00Z",
      note: "again",
    });
  });

  it("says beside each field what is wrong", () => {
    expect(aboutFaults(NOTHING)).toEqual({});
    expect(Object.keys(aboutFaults({ name: "Not A Name", logicalDate: "yesterday", note: "x".repeat(1001) }))).toEqual(["name", "logicalDate", "note"]);
  });

  it("shows a manifest that can be created by hand: without the server's signature and made-up name", () => {
    const made = { kind: "DagRun", metadata: { name: "etl-1-ab", namespace: "team", annotations: { by: "x" } }, spec: { params: { count: 1 } } };
    expect(yaml(manifestOf(made, "", "etl"))).toBe("kind: DagRun\nmetadata:\n  generateName: etl-\n  namespace: team\nspec:\n  params:\n    count: 1\n");
    expect(manifestOf(made, "mine", "etl")["metadata"]).toEqual({ name: "mine", namespace: "team" });
  });

  it("shows a taken name beside the name, and nothing twice", () => {
    const about = { ...NOTHING, name: "mine" };
    const taken = new Problem({ type: "", title: "", status: 409, detail: "DagRun mine exists already", requestId: "" });
    const changed = new Problem({ type: "", title: "", status: 409, detail: "Dag etl is not valid", requestId: "" });
    expect(aboutProblem(taken, "name", about)).toBe("DagRun mine exists already: choose another name.");
    expect(isBesideFields(taken, about)).toBe(true);
    expect(isBesideFields(changed, about)).toBe(false);
    expect(isBesideFields(null, about)).toBe(false);
  });

  it("shows a command line that gives each value as the type it has", () => {
    const fields = fieldsOf({ day: { type: "string" }, any: {}, n: { type: "integer" } });
    expect(triggerCommand("team", "etl", { ...NOTHING, note: "it's late" }, { day: "7", any: "7", n: 7 }, fields)).toBe(
      String.raw`slipway trigger -n team etl -p day=7 -p 'any="7"' -p n=7 --note 'it'\''s late'`,
    );
  });
});
