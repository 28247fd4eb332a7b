/** A key and where one is in the grid -> where one is then. */
export type Spot = {
  /** -1 = the header. */
  row: number;
  /** -1 = the names. */
  column: number;
};
type Size = { rows: number; columns: number };

const PAGE = 15;

/** undefined = the key moves nothing. */
export function move(key: string, far: boolean, { row, column }: Spot, { rows, columns }: Size): Spot | undefined {
  const at = (newRow: number, newColumn: number): Spot => ({
    row: Math.max(-1, Math.min(rows - 1, newRow)),
    column: Math.max(-1, Math.min(columns - 1, newColumn)),
  });
  switch (key) {
    case "ArrowUp":
      return at(far ? 0 : row - 1, column);
    case "ArrowDown":
      return at(far ? rows - 1 : row + 1, column);
    case "ArrowLeft":
      return at(row, far ? -1 : column - 1);
    case "ArrowRight":
      return at(row, far ? columns - 1 : column + 1);
    case "Home":
      return at(far ? 0 : row, -1);
    case "End":
      return at(far ? rows - 1 : row, columns - 1);
    case "PageUp":
      return at(row - PAGE, column);
    case "PageDown":
      return at(row + PAGE, column);
    default:
      return undefined;
  }
}
