import { duration, exactSeconds, secondsBetween } from "../format";
import { useNow } from "../now";

export type DurationProps = { seconds: number | null | undefined } | { from: string | null | undefined; to: string | null | undefined };

/** A span of time, exact in the title; one that began and has not ended counts on. */
export function Duration(props: DurationProps) {
  if ("seconds" in props) {
    return <Span seconds={props.seconds} />;
  }
  if (props.from === null || props.from === undefined) {
    return <Span seconds={null} />;
  }
  return props.to ? <Span seconds={secondsBetween(props.from, props.to)} /> : <Counting from={props.from} />;
}

function Counting({ from }: { from: string }) {
  return <Span seconds={Math.max(0, Math.round(secondsBetween(from, useNow())))} />;
}

function Span({ seconds }: { seconds: number | null | undefined }) {
  if (seconds === null || seconds === undefined) {
    return <span className="muted">–</span>;
  }
  return (
    <span className="duration" title={exactSeconds(seconds)}>
      {duration(seconds)}
    </span>
  );
}
