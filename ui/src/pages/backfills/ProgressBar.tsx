import { progressOf } from "./progress";

/** How many runs of a backfill have ended, and how many of these failed. */
export function ProgressBar({ text, failed, wide = false }: { text: string | null; failed: number; wide?: boolean }) {
  const progress = progressOf(text, failed);
  if (progress === undefined) {
    return <span className="muted">–</span>;
  }
  const { done, all, part } = progress;
  const bad = all === 0 ? 0 : progress.failed / all;
  const told = `${done} of ${all} runs ended${progress.failed > 0 ? `, ${progress.failed} failed` : ""}`;
  return (
    <span className="backfill-progress" data-wide={wide}>
      <span className="backfill-bar" role="progressbar" aria-label={told} aria-valuemin={0} aria-valuemax={all} aria-valuenow={done} title={told}>
        <span data-family="good" style={{ width: `${(part - bad) * 100}%` }} />
        <span data-family="bad" style={{ width: `${bad * 100}%` }} />
      </span>
      <span className="backfill-figure">{text}</span>
    </span>
  );
}
