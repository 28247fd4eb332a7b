/** `512 bytes`, `1.5 KB`, `20 MB`. */
export function bytes(number: number): string {
  if (number < 1000) {
    return `${number} ${number === 1 ? "byte" : "bytes"}`;
  }
  const [size, unit] = number < 1e6 ? [number / 1e3, "KB"] : number < 1e9 ? [number / 1e6, "MB"] : [number / 1e9, "GB"];
  return `${size < 10 ? size.toFixed(1) : Math.round(size).toLocaleString("en")} ${unit}`;
}
