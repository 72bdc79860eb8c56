// Package sample picks the cases of long suites that are run on a day: make test runs a part, others each day, make soak all. It is for
// tests alone, whichever package they are of.
package sample
