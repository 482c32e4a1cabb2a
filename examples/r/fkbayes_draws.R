# Draws of fkbayes (wide layout, exported as CSV) as a draws_df of the package posterior.

read_draws <- function(path) {
  draws <- read.csv(path, check.names = FALSE)
  draws$.chain <- draws$chain + 1 # fkbayes counts from 0, posterior from 1
  draws$.iteration <- draws$draw + 1
  posterior::as_draws_df(draws[setdiff(names(draws), c("chain", "draw"))])
}
