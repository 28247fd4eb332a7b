import { Background, Controls, MiniMap, ReactFlow, useReactFlow, ReactFlowProvider, type Edge, type Node } from "@xyflow/react";
import { useEffect, useMemo } from "react";
import "@xyflow/react/dist/base.css";
import type { Direction, Laid } from "../../../worker/layout";
import type { Picture } from "./model";
import { NODE_HEIGHT, NODE_WIDTH, TaskNode, type NodeData } from "./TaskNode";

const NODE_TYPES = { task: TaskNode };
const MAP_OVER = 60;

type Props = {
  picture: Picture;
  laid: Laid;
  direction: Direction;
  /** The key of the chosen node. */
  chosen: string | undefined;
  /** Lower case; the first node with it comes in sight. */
  find: string;
  onChoose: (key: string) => void;
};

/** The nodes where the layout has put them. */
export function Drawing(props: Props) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  );
}

function Flow({ picture, laid, direction, chosen, find, onChoose }: Props) {
  const nodes = useMemo<Node[]>(
    () =>
      picture.nodes.map((line) => {
        const [x = 0, y = 0] = laid.places[line.key] ?? [];
        const isFound = find !== "" && line.label.toLowerCase().includes(find);
        const data: NodeData = { line, direction, isFound };
        return {
          id: line.key,
          type: "task",
          position: { x, y },
          data,
          width: NODE_WIDTH,
          height: NODE_HEIGHT,
          selected: line.key === chosen,
          ariaLabel: line.label,
        };
      }),
    [picture, laid, direction, chosen, find],
  );
  const edges = useMemo<Edge[]>(
    () =>
      picture.edges.map(([source, target]) => ({
        id: `${source} ${target}`,
        source,
        target,
        focusable: false,
        className: chosen === source || chosen === target ? "graph-near" : "",
      })),
    [picture, chosen],
  );
  const flow = useReactFlow();
  useEffect(() => {
    void flow.fitView({ padding: 0.08, maxZoom: 1 });
  }, [flow, laid]);
  useEffect(() => {
    const found = find === "" ? undefined : picture.nodes.find((line) => line.label.toLowerCase().includes(find));
    const place = found && laid.places[found.key];
    if (place !== undefined) {
      void flow.setCenter(place[0] + NODE_WIDTH / 2, place[1] + NODE_HEIGHT / 2, { zoom: 1 });
    }
  }, [flow, find, picture, laid]);
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      nodesDraggable={false}
      nodesConnectable={false}
      edgesFocusable={false}
      onlyRenderVisibleElements
      minZoom={0.05}
      maxZoom={2}
      fitView
      fitViewOptions={{ padding: 0.08, maxZoom: 1 }}
      onNodeClick={(_, node) => onChoose(node.id)}
      onSelectionChange={({ nodes: selected }) => {
        const key = selected[0]?.id;
        if (key !== undefined && key !== chosen) {
          onChoose(key);
        }
      }}
      deleteKeyCode={null}
      selectionKeyCode={null}
      multiSelectionKeyCode={null}
    >
      <Background gap={24} />
      <Controls showInteractive={false} />
      {picture.nodes.length > MAP_OVER && <MiniMap pannable zoomable ariaLabel="The whole graph" />}
    </ReactFlow>
  );
}
