package module

import (
	"os"
	"strings"
)

// netrcLogin finds a host's name and password in a netrc file.
func netrcLogin(file, host string) (user, password string, found bool) {
	if file == "" {
		return "", "", false
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", "", false
	}
	words := strings.Fields(string(text))
	matches := false
	for i := 0; i < len(words); i++ {
		if words[i] == "default" {
			break // the go command doesn't use it, and it must be last
		}
		if i+1 == len(words) {
			break
		}
		switch words[i] {
		case "machine":
			if matches && user != "" && password != "" {
				return user, password, true
			}
			matches = words[i+1] == host
			user, password = "", ""
		case "login":
			user = words[i+1]
		case "password":
			password = words[i+1]
		default:
			continue
		}
		i++
	}
	return user, password, matches && user != "" && password != ""
}
