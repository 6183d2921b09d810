package postgres

import (
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Place says where the data of a URL are, with what the environment and a
// service file add to it: servers, database, and the settings by which a name
// finds its table. User and password are no part of it. It is for hashing
// only: settings may hold anything. Of a URL that can't be read it is "".
func Place(url string) string {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return ""
	}
	servers := []string{fmt.Sprintf("%s:%d", config.Host, config.Port)}
	for _, other := range config.Fallbacks {
		servers = append(servers, fmt.Sprintf("%s:%d", other.Host, other.Port))
	}
	servers = slices.Compact(servers) // each may be tried with TLS and without
	database := config.Database
	if database == "" {
		database = config.User // as the server has it
	}
	set := config.RuntimeParams
	return fmt.Sprintf("%q %q %q %q %q", servers, database, set["options"], set["role"], set["search_path"])
}
