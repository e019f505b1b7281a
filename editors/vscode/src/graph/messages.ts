// What the extension and the page with the picture say to each other.

/** Everything that is drawn. */
export interface Picture {
  type: 'picture';
  /** The file, as the page remembers places by it. */
  uri: string;
  /** Its name, for people. */
  file: string;
  version: number | null;
  svg: string;
  stages: { title: string; name: string | null }[];
  /** The stage that is built. */
  target: number | null;
  /** What people have chosen, as far as it is there. */
  choice: Choice;
  needed: boolean;
  /** The stage that the cursor is in. */
  cursor: number | null;
}

/** A picture on its way: as bytes, which VS Code passes on as they are, while it writes and reads texts several times. */
export type Sent = Omit<Picture, 'svg'> & { svg: Uint8Array };

export type ToPage = Sent | { type: 'cursor'; stage: number | null } | { type: 'nothing'; message: string };

export type FromPage =
  | { type: 'ready' }
  | { type: 'open'; stage: number }
  /** The page counts how often a line was clicked. */
  | { type: 'open'; edge: number; click: number }
  /** A target; null for the default one. */
  | { type: 'target'; name: string | null }
  | { type: 'needed'; needed: boolean }
  | { type: 'svg' }
  | { type: 'mermaid' };

/** What survives a reload of the window. */
export interface Saved {
  uri?: string;
  choice?: Choice;
}

/** What people have chosen to see of a file. */
export interface Choice {
  target?: string;
  needed?: boolean;
}
