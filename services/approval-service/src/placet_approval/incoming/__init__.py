"""Events of other services arrive here and become what decisions are about."""
