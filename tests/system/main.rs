//! What holds for the server as a whole, whatever the family: protocol, authorisation, bad input,
//! and how far the contract is covered.

mod authorization;
mod compat;
mod digest;
mod feed;
mod frame;
mod generated;
mod hostile;
mod openapi;
mod pages;
mod plans;
mod queries;
mod requests;
mod tables;
mod world;
