//! One file per family, mirroring the tracker. One binary, so that it is linked once.

mod artifacts;
mod parts;
mod tags;
mod vistas;
