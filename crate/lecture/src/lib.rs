//! lecture
