import { findPosts } from './posts.js';

export const typeDefs = `
  type Post { id: String! cover: String! thumb: String! body: String! }
  type Query { posts: [Post!]! }
  type Subscription { published: Post! }
`;

export const resolvers = {
  Query: { posts: findPosts },
  Post: { body: async ({ body }) => body }, // late, if a query defers it
  Subscription: {
    published: {
      async *subscribe() {
        for (const published of await findPosts()) yield { published };
      },
    },
  },
};
