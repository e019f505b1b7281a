//! What names mean: stages, references, the graph.
