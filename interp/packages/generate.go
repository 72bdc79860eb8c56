package packages

//go:generate go run ./generator/run std
//go:generate go run ./generator/run own
