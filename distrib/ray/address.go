package ray

import (
	"fmt"
	"net"
	"strings"
)

// Address is an address of frame.Connect as Options has it: "ray" is a cluster on this machine.
func Address(named string) string {
	if named == "ray" {
		return ""
	}
	return named
}

// CheckAddress says what is wrong with an address of a cluster: HOST:PORT of its head, or http://HOST:PORT of its dashboard.
func CheckAddress(address string) error {
	const forms = `"HOST:6379" from a machine of the cluster, "http://HOST:8265" from any other`
	switch {
	case strings.HasPrefix(address, "ray://"):
		return fmt.Errorf("%s is an address of Ray Client, which refuses streaming generators: use %s", address, forms)
	case isURL(address):
		return nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" || strings.Contains(host, "/") {
		return fmt.Errorf("%q is not an address of a Ray cluster: use %s", address, forms)
	}
	return nil
}

func isURL(address string) bool {
	return strings.HasPrefix(address, "http://") || strings.HasPrefix(address, "https://")
}
