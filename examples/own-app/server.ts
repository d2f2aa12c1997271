/** What the container runs: a greeting, and a health check for the load balancer. */
import { createServer } from 'node:http';

const { PORT = '8080', GREETING = 'Hello' } = process.env;
const [, , host] = process.argv; // all interfaces when it is not named

createServer(({ url }, response) => {
  response.end(url === '/health' ? 'well' : `${GREETING}, world\n`);
}).listen(Number(PORT), host);
