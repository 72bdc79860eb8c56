package kernel

import "errors"

var (
	// ErrInterrupted is the cause of a cell's cancelled context after interrupt_request or SIGINT.
	ErrInterrupted = errors.New("interrupted")
	// ErrShutdown is the cause of a cell's cancelled context when the kernel stops.
	ErrShutdown = errors.New("kernel is shutting down")
	// ErrNoStdin is Cell.Input's answer where the front end does not offer input.
	ErrNoStdin = errors.New("input: this front end does not allow input (allow_stdin is false)")

	errMalformed = errors.New("malformed message")
	errSignature = errors.New("wrong signature")
)
