//! What an administrator sees of jobs, and how the academy sheds load.
