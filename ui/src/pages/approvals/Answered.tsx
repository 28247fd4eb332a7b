import type { ApprovalLine } from "../../api/schema";
import { State } from "../../parts/State";
import { Table, type Column } from "../../parts/Table";
import { Time } from "../../parts/Time";
import { Said } from "../../parts/Said";
import { Asker } from "./Asker";

const COLUMNS: readonly Column<ApprovalLine>[] = [
  { key: "answer", title: "Answer", width: "1%", cell: (each) => <Answer approval={each} /> },
  { key: "by", title: "By", cell: (each) => (each.answeredBy !== null && <Said text={each.answeredBy} />) || <span className="muted">nobody</span> },
  { key: "question", title: "Question", cell: (each) => <Cut text={each.question} /> },
  { key: "task", title: "Task", cell: (each) => <Asker approval={each} /> },
  { key: "comment", title: "Comment", cell: (each) => (each.comment === null ? <span className="muted">–</span> : <Cut text={each.comment} />) },
  { key: "asked", title: "Asked", width: "1%", cell: (each) => <Ago at={each.createdAt} /> },
  { key: "over", title: "Over", width: "1%", cell: (each) => <Ago at={each.finishedAt ?? each.deletedAt} /> },
];

/** Questions that can't be answered any more. */
export function Answered({ approvals }: { approvals: readonly ApprovalLine[] }) {
  return <Table caption="Answered questions" columns={COLUMNS} rows={approvals} rowKey={(each) => each.uid} />;
}

function Ago({ at }: { at: string | null }) {
  return (
    <span className="answered-time">
      <Time at={at} ago />
    </span>
  );
}

function Answer({ approval }: { approval: ApprovalLine }) {
  if (approval.answer === null) {
    const why = approval.deletedAt === null ? "The task ended without an answer" : "The question was deleted";
    return <State value="Skipped" word="no answer" title={approval.message ?? why} />;
  }
  const state = approval.answer === "reject" ? "Failed" : "Success";
  return <State value={state} word={approval.answer} title={approval.message ?? undefined} />;
}

function Cut({ text }: { text: string }) {
  return (
    <span className="cut answered-text" title={text}>
      <Said text={text} />
    </span>
  );
}
