import { useState } from "react";
import { Link, useParams } from "react-router";
import { line } from "../../actions/commands";
import { api } from "../../api/client";
import { about, useRead } from "../../api/hooks";
import type { BackfillDetail } from "../../api/schema";
import { Loading } from "../../parts/Loading";
import { Page } from "../../parts/Page";
import { ProblemNote } from "../../parts/Problem";
import { Said } from "../../parts/Said";
import { BackfillState, isOver } from "../backfills/BackfillState";
import "../backfills/backfills.css";
import { PlanFigures } from "../backfills/PlanFigures";
import { ProgressBar } from "../backfills/ProgressBar";
import { ApproveDialog, CancelBackfillDialog, PauseButton } from "./actions";
import "./backfill.css";
import { Facts } from "./Facts";
import { Intervals } from "./Intervals";

/** One backfill: how far it is, what it was asked for, and each of its intervals. */
export default function BackfillPage() {
  const { ns = "", name = "" } = useParams();
  const path = { namespace: ns, backfill: name };
  const found = useRead<BackfillDetail>({
    key: ["backfill", ns, name],
    about: [about(["backfills", "runs"], { namespace: ns })],
    call: (signal) => api.GET("/api/v1/namespaces/{namespace}/backfills/{backfill}", { params: { path, query: { limit: 1 } }, signal }),
  });
  const backfill = found.data;
  return (
    <Page
      title={name}
      beside={backfill && <BackfillState backfill={backfill} badge />}
      crumbs={[{ label: "Backfills", to: "/backfills" }]}
      actions={backfill && <Actions backfill={backfill} />}
      updatedAt={found.dataUpdatedAt}
      command={line("kubectl", "-n", ns, "get", "backfills.slipway.dev", name, "-o", "yaml")}
    >
      <ProblemNote error={found.error} retry={() => void found.refetch()} keepsData={backfill !== undefined} />
      {found.error?.status === 404 && <Link to="/backfills">All backfills</Link>}
      {found.isLoading && <Loading what="Loading the backfill" />}
      {backfill !== undefined && (
        <>
          {backfill.deletedAt !== null && <p className="note">The object was deleted; this is its history.</p>}
          {backfill.message !== null && (
            <p className="note">
              {backfill.reason !== null && <strong>{backfill.reason}: </strong>}
              <Said text={backfill.message} />
            </p>
          )}
          <section className="card stack" aria-label="Progress">
            {backfill.plannedAt === null ? (
              <p className="muted">The controller has not planned it yet: how many runs it is about shows then.</p>
            ) : (
              <>
                <ProgressBar text={backfill.progress} failed={backfill.failed} wide />
                <PlanFigures plan={backfill.plan} />
              </>
            )}
          </section>
          <Facts backfill={backfill} />
          <Intervals ns={ns} name={name} backfill={backfill} />
        </>
      )}
    </Page>
  );
}

function Actions({ backfill }: { backfill: BackfillDetail }) {
  const [open, setOpen] = useState<"approve" | "cancel" | null>(null);
  const close = () => setOpen(null);
  if (isOver(backfill) || backfill.deletedAt !== null) {
    return null;
  }
  return (
    <>
      {!backfill.approved && (
        <button type="button" className="primary" onClick={() => setOpen("approve")}>
          Approve
        </button>
      )}
      {backfill.cancel === null && <PauseButton backfill={backfill} />}
      <button type="button" className="danger" onClick={() => setOpen("cancel")}>
        Cancel
      </button>
      {open === "approve" && <ApproveDialog backfill={backfill} onClose={close} />}
      {open === "cancel" && <CancelBackfillDialog backfill={backfill} onClose={close} />}
    </>
  );
}
