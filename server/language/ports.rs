//! Ports that well-known images listen on by default, as their documentation says.

/// By the last part of an image's name: the ports.
const BY_IMAGE: [(&str, &[u16]); 31] = [
    ("nginx", &[80, 443]),
    ("nginx-unprivileged", &[8080]),
    ("httpd", &[80]),
    ("caddy", &[80, 443]),
    ("traefik", &[80]),
    ("haproxy", &[80, 443]),
    ("wordpress", &[80]),
    ("drupal", &[80]),
    ("nextcloud", &[80]),
    ("postgres", &[5432]),
    ("mysql", &[3306]),
    ("mariadb", &[3306]),
    ("mongo", &[27017]),
    ("redis", &[6379]),
    ("valkey", &[6379]),
    ("memcached", &[11211]),
    ("rabbitmq", &[5672, 15672]),
    ("nats", &[4222]),
    ("elasticsearch", &[9200, 9300]),
    ("opensearch", &[9200]),
    ("kibana", &[5601]),
    ("grafana", &[3000]),
    ("prometheus", &[9090]),
    ("influxdb", &[8086]),
    ("cassandra", &[9042]),
    ("neo4j", &[7474, 7687]),
    ("vault", &[8200]),
    ("consul", &[8500]),
    ("registry", &[5000]),
    ("tomcat", &[8080]),
    ("jetty", &[8080]),
];

/// By the language that an image is for: the ports that its frameworks take.
const BY_LANGUAGE: [(&str, &[u16]); 11] = [
    ("node", &[3000]),
    ("bun", &[3000]),
    ("deno", &[8000]),
    ("python", &[8000, 5000]),
    ("go", &[8080]),
    ("rust", &[8080]),
    ("java", &[8080]),
    ("dotnet", &[8080]),
    ("ruby", &[3000]),
    ("elixir", &[4000]),
    ("php", &[9000, 80]),
];

/// Ports that a server takes which has no number of its own.
pub const USUAL: [u16; 4] = [8080, 80, 443, 3000];

/// The ports of an image, by the last part of its name (`nginx`); none for an unknown one.
pub fn of_image(name: &str) -> &'static [u16] {
    BY_IMAGE.iter().find(|(known, _)| *known == name).map_or(&[], |(_, ports)| ports)
}

/// The ports of a language (`node`); none for an unknown one.
pub fn of_language(name: &str) -> &'static [u16] {
    BY_LANGUAGE.iter().find(|(known, _)| *known == name).map_or(&[], |(_, ports)| ports)
}
