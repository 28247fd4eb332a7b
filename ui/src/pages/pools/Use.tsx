import type { PoolLine } from "../../api/schema";

/** How much of a pool is taken, as a bar; the numbers stand beside it. */
export function Use({ pool }: { pool: PoolLine }) {
  if (pool.slots < 0) {
    return <span className="muted small">without limit</span>;
  }
  const share = pool.slots === 0 ? Number(pool.used > 0 || pool.queued > 0) : Math.min(1, pool.used / pool.slots);
  const family = share >= 1 ? "bad" : share >= 0.8 ? "retry" : "active";
  const told = `${pool.used} of ${pool.slots} slots used`;
  return (
    <span className="pools-use" data-family={family} title={told}>
      <span className="pools-used" style={{ width: `${share * 100}%` }} />
      <span className="hidden-visually">{told}</span>
    </span>
  );
}
