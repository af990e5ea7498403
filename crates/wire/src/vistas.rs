//! Vistas.
