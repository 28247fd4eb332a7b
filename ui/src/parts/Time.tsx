import { dateTime, relative } from "../format";
import { useNow } from "../now";
import { useZone } from "../zone";

export type TimeProps = {
  /** RFC 3339; null and undefined show a dash. */
  at: string | null | undefined;
  /** As "5 min ago", renewed as time goes by. */
  ago?: boolean;
};

/** A time in the zone that is picked in the header, as RFC 3339 in the title. */
export function Time({ at, ago = false }: TimeProps) {
  const zone = useZone();
  if (at === null || at === undefined) {
    return <span className="muted">–</span>;
  }
  const shown = dateTime(at, zone);
  return (
    <time dateTime={at} title={ago ? `${shown} ${zone} (${at})` : at}>
      {ago ? <Ago at={at} /> : shown}
    </time>
  );
}

function Ago({ at }: { at: string }) {
  return relative(at, useNow());
}
