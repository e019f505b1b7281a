//! Sizes that no person types: parsing and opening end, without a stack overflow in a thread of 2 MB, and without an error.
