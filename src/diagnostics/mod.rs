//! Has the chain converged, how much is it worth, how far off can it be.
