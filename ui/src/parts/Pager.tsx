import { count } from "../format";

export type PagerProps = {
  /** What usePages answers. */
  pages: { items: readonly unknown[] | undefined; hasMore: boolean; isLoadingMore: boolean; loadMore: () => void };
  /** What one item is called: "run". */
  one: string;
  many?: string;
};

/** How much of a list is shown, and a button for the next page. */
export function Pager({ pages, one, many }: PagerProps) {
  const shown = pages.items?.length ?? 0;
  return (
    <div className="pager">
      <span className="muted" role="status">
        {count(shown, one, many)} shown{pages.hasMore ? ", there are more" : ""}
      </span>
      {pages.hasMore && (
        <button type="button" onClick={pages.loadMore} disabled={pages.isLoadingMore}>
          {pages.isLoadingMore ? "Loading…" : "Load more"}
        </button>
      )}
    </div>
  );
}
