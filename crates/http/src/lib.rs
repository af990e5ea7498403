//! axum glue: from the table of operations to routes, and from errors to bodies.
