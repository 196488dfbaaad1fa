// Grafana's types as JSON, where members of enumerations are their values. Where the types leave something
// open (options, custom fields, targets), the type of the respective panel is used.
import type {
  Dashboard as GrafanaDashboard, GraphFieldConfig, Panel as GrafanaPanel, RowPanel, TableFieldOptions,
} from "@grafana/schema";
import type { Options as BarGauge } from "@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen";
import type { Options as Stat } from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type { Options as Table } from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen";
import type { Options as TimeSeries } from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

type Wire<T> = unknown extends T ? T
  : T extends string ? (string extends T ? string : `${T}`)
  : T extends number | boolean | null | undefined ? T
  : T extends Array<infer U> ? Array<Wire<U>>
  : { [K in keyof T]: Wire<T[K]> };

// A query of the Prometheus data source. Grafana's package has no type for it.
interface Target {
  refId: string;
  datasource: { type: "prometheus"; uid: string };
  editorMode: "code";
  expr: string;
  format: "time_series" | "table";
  legendFormat: string;
  range: boolean;
  instant: boolean;
}
interface Organize {
  id: "organize";
  options: {
    excludeByName: Record<string, boolean>;
    indexByName: Record<string, number>;
    renameByName: Record<string, string>;
  };
}
type Strict<Kind extends string, Options, Custom> =
  Omit<Wire<GrafanaPanel>, "type" | "options" | "targets" | "fieldConfig" | "transformations"> & {
    type: Kind;
    id: number;
    title: string;
    gridPos: { x: number; y: number; w: number; h: number };
    targets: Target[];
    options: Wire<Options>;
    transformations?: Organize[];
    fieldConfig: {
      defaults: Omit<NonNullable<Wire<GrafanaPanel>["fieldConfig"]>["defaults"], "custom"> & { custom?: Partial<Wire<Custom>> };
      overrides: [];
    };
  };
type Legendless<T> = Omit<T, "text"> & Partial<Pick<T & { text?: object }, "text">>;

export type Row = Wire<RowPanel> & { panels: [] };
export type TimeSeriesPanel = Strict<"timeseries", Omit<TimeSeries, "timezone">, GraphFieldConfig>;
export type StatPanel = Strict<"stat", Legendless<Stat>, {}>;
export type BarGaugePanel = Strict<"bargauge", Legendless<BarGauge>, {}>;
export type TablePanel = Strict<"table", Table, TableFieldOptions>;
export type Frame = Omit<Wire<GrafanaDashboard>, "panels"> & { uid: string; title: string };
