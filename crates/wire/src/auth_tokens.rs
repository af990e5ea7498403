//! Auth-tokens.
