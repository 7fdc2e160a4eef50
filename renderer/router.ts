import { createRouter, createWebHashHistory, type Router } from 'vue-router'
import HomeView from './views/HomeView.vue'
import RunView from './views/RunView.vue'
import RunsView from './views/RunsView.vue'
import SetupView from './views/SetupView.vue'

/** The studio's pages. Addresses live behind the `#`, so that the app's own scheme and the web host need no rewriting. */
export function createStudioRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', name: 'home', component: HomeView },
      {
        path: '/setup/:dataset',
        name: 'setup',
        component: SetupView,
        // `?continue=RUN`: set up a run that goes on from that one.
        props: ({ params, query }) => ({ ...params, continues: query['continue'] }),
      },
      { path: '/runs', name: 'runs', component: RunsView },
      { path: '/runs/:id', name: 'run', component: RunView, props: true },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
  })
}
