package supervisor

import (
	"os"

	"github.com/rivulet-go/rivulet/interp/pipe"
	"github.com/rivulet-go/rivulet/kernel"
)

// info tells the session what kind of client is on the other side.
func info(c kernel.Cell) *pipe.Info {
	return &pipe.Info{Count: c.Count(), Silent: c.Silent(), AllowStdin: c.AllowStdin(), Live: live(c)}
}

// live says whether the client draws update_display_data. Terminals ignore it, and nothing in the protocol says who is
// a terminal: JupyterLab and Notebook send metadata.cellId with their requests, nbclient never allows stdin, and a
// terminal does neither. RIVULET_DISPLAY=live or =final decides for everybody.
func live(c kernel.Cell) bool {
	switch os.Getenv("RIVULET_DISPLAY") {
	case "live":
		return true
	case "final":
		return false
	}
	if _, ok := c.Metadata()["cellId"]; ok {
		return true
	}
	return !c.AllowStdin()
}
