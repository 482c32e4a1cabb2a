# Summary, intervals, traces and ranks of the draws of `fkbayes fit`.
#
# Usage: Rscript plot_draws.R draws.csv [FOLDER]

suppressPackageStartupMessages({
  library(posterior)
  library(bayesplot)
})
this <- sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))
source(file.path(dirname(this), "fkbayes_draws.R"))
arguments <- c(commandArgs(trailingOnly = TRUE), ".")
save <- function(plot, name) {
  ggplot2::ggsave(file.path(arguments[2], name), plot, width = 8, height = 4, dpi = 100)
}

draws <- read_draws(arguments[1])
save(mcmc_intervals(draws, pars = vars(starts_with("alpha["))), "intervals.png")
save(mcmc_trace(draws, pars = "sigma2_fk"), "trace.png")
save(mcmc_rank_overlay(draws, pars = "sigma2_fk"), "rank.png")

figures <- summarise_draws(draws, "mean", "median", "sd", ~quantile2(.x, c(0.05, 0.95)),
                           "rhat", "ess_bulk", "ess_tail", "mcse_mean", "mcse_sd")
figures[-1] <- lapply(figures[-1], as.numeric) # posterior marks them for rounded printing
write.csv(figures, file.path(arguments[2], "summary.csv"), row.names = FALSE)
