/** Nodes and edges -> where each node stands, in layers. The work of a Web Worker: a thousand nodes take most of a second. */
import { Graph, layout } from "@dagrejs/dagre";

export type Direction = "LR" | "TB";
export type LayoutInput = {
  nodes: readonly string[];
  edges: readonly (readonly [string, string])[];
  direction: Direction;
  width: number;
  height: number;
};
export type Laid = {
  /** By node: its left upper corner. */
  places: Readonly<Record<string, readonly [number, number]>>;
  tookMs: number;
};

/** dagre's default ranker takes many times as long and draws hardly better. */
const RANKER = "tight-tree";

export function laidOut({ nodes, edges, direction, width, height }: LayoutInput): Laid {
  const begun = performance.now();
  const graph = new Graph({ multigraph: false, compound: false });
  graph.setGraph({ rankdir: direction, ranker: RANKER, nodesep: 14, ranksep: 56, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  nodes.forEach((node) => graph.setNode(named(node), { width, height }));
  edges.forEach(([from, to]) => graph.setEdge(named(from), named(to)));
  layout(graph);
  const places = Object.fromEntries(
    nodes.map((node) => {
      const { x, y } = graph.node(named(node)) as { x: number; y: number };
      return [node, [Math.round(x - width / 2), Math.round(y - height / 2)] as const];
    }),
  );
  return { places, tookMs: performance.now() - begun };
}

/** dagre keeps nodes in plain objects, which seem to have a `constructor` already: a name that a task may have. */
function named(node: string): string {
  return `-${node}`;
}
