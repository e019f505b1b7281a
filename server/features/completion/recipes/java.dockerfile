FROM --platform=$BUILDPLATFORM maven:3-eclipse-temurin-{{1:25}} AS build
WORKDIR /src
COPY pom.xml ./
RUN --mount=type=cache,target=/root/.m2 \
    mvn -B dependency:go-offline
COPY src ./src
RUN --mount=type=cache,target=/root/.m2 \
    mvn -B package

FROM eclipse-temurin:{{1}}-jre AS runtime
RUN useradd --create-home --uid 10001 app
WORKDIR /app
COPY --from=build /src/target/{{2:app}}.jar ./app.jar
USER app
EXPOSE {{3:8080}}
ENTRYPOINT ["java", "-jar", "/app/app.jar"]
