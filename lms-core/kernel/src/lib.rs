//! porter-kernel
