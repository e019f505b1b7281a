//! Ports that well-known images and programs listen on by default, as their documentation says.

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
    ("rabbitmq", &[5672]),
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

/// Ports, and who listens there: assigned by the IANA, or the default of a well-known program.
pub const PORTS: [(u16, &str); 62] = [
    (21, "FTP"),
    (22, "SSH"),
    (25, "SMTP"),
    (53, "DNS"),
    (67, "DHCP"),
    (69, "TFTP"),
    (80, "HTTP"),
    (110, "POP3"),
    (111, "portmapper"),
    (123, "NTP"),
    (143, "IMAP"),
    (161, "SNMP"),
    (389, "LDAP"),
    (443, "HTTPS; with UDP HTTP/3"),
    (445, "SMB"),
    (465, "SMTP with TLS"),
    (514, "syslog"),
    (587, "SMTP for submission"),
    (636, "LDAP with TLS"),
    (853, "DNS over TLS"),
    (873, "rsync"),
    (993, "IMAP with TLS"),
    (995, "POP3 with TLS"),
    (1080, "SOCKS proxies"),
    (1433, "SQL Server"),
    (1521, "Oracle Database"),
    (1883, "MQTT"),
    (2049, "NFS"),
    (2181, "ZooKeeper"),
    (2375, "Docker without TLS"),
    (2376, "Docker with TLS"),
    (2379, "etcd for clients"),
    (3000, "development servers of web applications, Grafana"),
    (3128, "Squid"),
    (3306, "MySQL and MariaDB"),
    (3389, "RDP"),
    (4200, "Angular's development server"),
    (4317, "OpenTelemetry over gRPC"),
    (4318, "OpenTelemetry over HTTP"),
    (5000, "Flask, container registries"),
    (5005, "Java debuggers"),
    (5173, "Vite's development server"),
    (5432, "PostgreSQL"),
    (5601, "Kibana"),
    (5672, "AMQP, RabbitMQ"),
    (5678, "Python debuggers"),
    (5900, "VNC"),
    (6379, "Redis and Valkey"),
    (6443, "Kubernetes API"),
    (8000, "HTTP of applications, such as Django and Uvicorn"),
    (8080, "HTTP of applications"),
    (8086, "InfluxDB"),
    (8123, "ClickHouse over HTTP, Home Assistant"),
    (8443, "HTTPS of applications"),
    (8888, "Jupyter"),
    (9000, "PHP-FPM, MinIO"),
    (9090, "Prometheus"),
    (9092, "Kafka"),
    (9200, "Elasticsearch and OpenSearch"),
    (9229, "Node.js debuggers"),
    (11211, "Memcached"),
    (27017, "MongoDB"),
];

/// Who usually listens on a port.
pub fn service(port: u16) -> Option<&'static str> {
    PORTS.iter().find(|(number, _)| *number == port).map(|(_, service)| *service)
}
